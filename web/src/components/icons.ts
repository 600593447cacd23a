// The page's icons: strokes of 1.5 on a field of 20. Words stand beside them wherever there is room.

export const icons = {
  overview: 'M3 5.5 7.5 3.5 12.5 5.5 17 3.5V14.5L12.5 16.5 7.5 14.5 3 16.5ZM7.5 3.5v11M12.5 5.5v11',
  keys: 'M2.5 6.5a1 1 0 0 1 1-1h13a1 1 0 0 1 1 1v7a1 1 0 0 1-1 1h-13a1 1 0 0 1-1-1ZM5.5 8.5h.1M8.5 8.5h.1M11.5 8.5h.1M14.5 8.5h.1M7 11.5h6',
  close: 'm5.5 5.5 9 9M14.5 5.5l-9 9',
  sun: 'M13.2 10a3.2 3.2 0 1 1-6.4 0 3.2 3.2 0 0 1 6.4 0ZM10 2.8v1.4M10 15.8v1.4M2.8 10h1.4M15.8 10h1.4M4.9 4.9l1 1M14.1 14.1l1 1M15.1 4.9l-1 1M5.9 14.1l-1 1',
  moon: 'M15.8 12.2A6.4 6.4 0 0 1 7.8 4.2a6.4 6.4 0 1 0 8 8Z',
  auto: 'M16 10a6 6 0 1 1-12 0 6 6 0 0 1 12 0ZM10 4v12M10 7h4.6M10 10h6M10 13h4.6',
  lock: 'M6 9h8a1.5 1.5 0 0 1 1.5 1.5V15a1.5 1.5 0 0 1-1.5 1.5H6A1.5 1.5 0 0 1 4.5 15v-4.5A1.5 1.5 0 0 1 6 9ZM7 9V6.8a3 3 0 0 1 6 0V9',
  table: 'M4.5 4h11A1.5 1.5 0 0 1 17 5.5v9a1.5 1.5 0 0 1-1.5 1.5h-11A1.5 1.5 0 0 1 3 14.5v-9A1.5 1.5 0 0 1 4.5 4ZM3 8h14M3 12h14M8.5 8v8',
  line: 'M3 14.5 7 10l3 2.5 7-8',
  plus: 'M10 4v12M4 10h12',
  minus: 'M4 10h12',
  whole: 'M4 8V4h4M12 4h4v4M16 12v4h-4M8 16H4v-4',
  chevron: 'm6 8 4 4 4-4',
  check: 'm4 10.5 4 4 8-9',
  back: 'M8 5 4 9l4 4M4 9h8a4 4 0 0 1 0 7h-2',
  clock: 'M16 10.5a6 6 0 1 1-12 0 6 6 0 0 1 12 0ZM10 7.5v3.2l2.2 1.5',
  more: 'M4.5 10h.1M10 10h.1M15.5 10h.1',
  broken: 'M3 10h3M8.5 10h.1M11.5 10h.1M14 10h3',
  chain: 'M8.5 11.5 11.5 8.5M9 6.5l1.2-1.2a3 3 0 0 1 4.3 4.3L13.3 10.8M11 13.5l-1.2 1.2a3 3 0 0 1-4.3-4.3l1.2-1.2',
} as const;

export type IconName = keyof typeof icons;
