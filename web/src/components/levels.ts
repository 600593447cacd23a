// The four levels as shape, number and word; any one of them is enough to read it.

import type { Key } from '../i18n/words';

export interface Shape {
  outline: string; // on a field of 24
  hollow: string;
  base: number; // of the number
}

const square = 'M5 2.5h14A2.5 2.5 0 0 1 21.5 5v14a2.5 2.5 0 0 1-2.5 2.5H5A2.5 2.5 0 0 1 2.5 19V5A2.5 2.5 0 0 1 5 2.5Z';
const circle = 'M22 12a10 10 0 1 1-20 0 10 10 0 0 1 20 0Z';

export const shapes: Record<number, Shape> = {
  1: { outline: square, hollow: square, base: 16.6 },
  2: { outline: 'M12 .9 23.1 12 12 23.1.9 12Z', hollow: 'M12 1.6 22.4 12 12 22.4 1.6 12Z', base: 16.4 },
  3: { outline: 'M12 1.8 23.4 21.6H.6Z', hollow: 'M12 2.8 22.6 21H1.4Z', base: 19.2 },
  4: { outline: circle, hollow: circle, base: 16.5 },
};

export const LEVELS = [1, 2, 3, 4] as const;
export const levelOf = (level: number | null | undefined): 1 | 2 | 3 | 4 =>
  level === 1 || level === 2 || level === 3 ? level : 4;
export const levelWord = (level: number | null | undefined): Key => `level.${levelOf(level)}`;
export const levelLong = (level: number | null | undefined): Key => `level.long.${levelOf(level)}`;
