// Places names beside their points so that none covers another, a mark or the border of the pane: 16
// positions are tried, and a name that fits nowhere is left out until there is more room.

export interface Rect {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface LabelWish {
  id: number;
  x: number;
  y: number;
  text: string;
}

export type Anchor = 'start' | 'middle' | 'end';
export interface PlacedLabel extends LabelWish {
  left: number; // of the text's baseline, by its anchor
  base: number;
  anchor: Anchor;
}

export const LABEL_SIZE = 12;
const HEIGHT = 14;
const ASCENT = 11;

/** Width of a label at 12 px: a Chinese character is a full square, Latin about half of one. */
export function textWidth(text: string, size = LABEL_SIZE): number {
  let units = 0;
  for (const c of text) units += c.charCodeAt(0) > 0x2e80 ? 1 : /[A-Zmw]/.test(c) ? 0.7 : /[ iljtfI.,']/.test(c) ? 0.32 : 0.58;
  return units * size;
}

export function overlap(a: Rect, b: Rect): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

// Right, left, below and above first, then the corners, then the same a little farther out.
const DIRECTIONS: readonly (readonly [number, number])[] = [
  [1, 0], [-1, 0], [0, 1], [0, -1], [1, -1], [1, 1], [-1, -1], [-1, 1],
];
const REACH = [5, 11] as const;

function at(wish: LabelWish, dx: number, dy: number, reach: number, width: number): PlacedLabel & { rect: Rect } {
  const anchor: Anchor = dx > 0 ? 'start' : dx < 0 ? 'end' : 'middle';
  const left = wish.x + dx * reach;
  const middle = wish.y + (dx === 0 ? dy * (reach + HEIGHT / 2 - 1) : dy * (reach * 0.7 + 2));
  const x = anchor === 'start' ? left : anchor === 'end' ? left - width : left - width / 2;
  const rect = { x, y: middle - HEIGHT / 2, width, height: HEIGHT };
  return { ...wish, left, base: rect.y + ASCENT, anchor, rect };
}

/** In the order of the wishes: who comes first is placed first. */
export function placeLabels(wishes: readonly LabelWish[], taken: readonly Rect[], bounds: Rect): PlacedLabel[] {
  const busy = [...taken];
  const placed: PlacedLabel[] = [];
  for (const wish of wishes) {
    const width = textWidth(wish.text) + 2;
    search: for (const reach of REACH) {
      for (const [dx, dy] of DIRECTIONS) {
        const { rect, ...label } = at(wish, dx, dy, reach, width);
        const inBounds =
          rect.x >= bounds.x && rect.y >= bounds.y &&
          rect.x + rect.width <= bounds.x + bounds.width && rect.y + rect.height <= bounds.y + bounds.height;
        if (!inBounds || busy.some((other) => overlap(rect, other))) continue;
        busy.push(rect);
        placed.push(label);
        break search;
      }
    }
  }
  return placed;
}
