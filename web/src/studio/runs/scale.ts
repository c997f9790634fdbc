// Scales of a plot: from values to places, and round numbers for their ticks.

export interface Scale {
  readonly at: (value: number) => number;
  readonly ticks: readonly number[];
}

/** Return a scale from `from` to `to`; `log` needs positive values. */
export function scale(values: readonly number[], from: number, to: number, log: boolean): Scale {
  const [low, high] = widened(Math.min(...values), Math.max(...values), log);
  const inner = log ? Math.log10 : (value: number) => value;
  const span = inner(high) - inner(low);
  const at = (value: number) => from + ((inner(value) - inner(low)) / span) * (to - from);
  return { at, ticks: log ? powers(low, high) : rounds(low, high) };
}

/** Return a range that is not empty. */
function widened(low: number, high: number, log: boolean): [number, number] {
  if (high > low) return [low, high];
  if (log) return [low / 2, low * 2];
  const margin = Math.abs(low) * 0.1 || 1;
  return [low - margin, high + margin];
}

/** Return about five round numbers between two. */
function rounds(low: number, high: number): number[] {
  const rough = (high - low) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((one) => one >= rough * 0.999) ?? rough;
  const first = Math.ceil(low / step - 1e-9);
  return Array.from({ length: Math.floor(high / step + 1e-9) - first + 1 }, (_, k) => Number(((first + k) * step).toPrecision(12)));
}

/** Return powers of ten between two, with their 2 and 5 times if there are few, or else round numbers. */
function powers(low: number, high: number): number[] {
  const first = Math.floor(Math.log10(low));
  const decades = Array.from({ length: Math.ceil(Math.log10(high)) - first + 1 }, (_, k) => 10 ** (first + k));
  const inside = (ticks: readonly number[]) => ticks.filter((one) => one >= low * (1 - 1e-9) && one <= high * (1 + 1e-9));
  const tens = inside(decades);
  if (tens.length > 3) return tens;
  const more = inside(decades.flatMap((one) => [one, 2 * one, 5 * one]));
  return more.length > 1 ? more : rounds(low, high);
}

/** Return a number as text of about four digits. */
export const short = (value: number) => (Number.isInteger(value) && Math.abs(value) < 1e6 ? String(value) : Number(value.toPrecision(4)).toString());
