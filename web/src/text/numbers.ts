// Figures and their units as they stand on the page.

/** At most two decimals below 100, one below 1000, none above; fewer where they are zeros. */
export function figure(value: unknown, decimals?: number): string {
  if (value === null || value === undefined || value === '') return '–';
  const n = typeof value === 'number' ? value : Number(value);
  if (!Number.isFinite(n)) return String(value);
  if (decimals !== undefined) return n.toFixed(decimals);
  const size = Math.abs(n);
  const most = size < 100 ? 2 : size < 1000 ? 1 : 0;
  return String(Number(n.toFixed(most)));
}

/** 3.82 m, 96%, 83.1°: signs cling to their figure, letters do not. */
export function withUnit(text: string, unit: string | null | undefined): string {
  if (!unit || text === '–') return text;
  return /^[%°‰]/.test(unit) ? text + unit : `${text} ${unit}`;
}

/** Decimals that a run of readings needs, so that a column of figures stands in line. */
export function decimalsOf(values: readonly number[]): number {
  const largest = Math.max(0, ...values.map(Math.abs));
  const bound = largest < 100 ? 2 : largest < 1000 ? 1 : 0;
  let most = 0;
  for (const value of values) {
    const text = figure(value);
    const dot = text.indexOf('.');
    if (dot >= 0) most = Math.max(most, text.length - dot - 1);
  }
  return Math.min(most, bound);
}

export const numeric = (value: unknown): number => {
  if (typeof value === 'number') return value;
  if (typeof value === 'string' && value.trim() !== '') return Number(value);
  return NaN;
};
