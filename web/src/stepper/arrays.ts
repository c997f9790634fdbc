// Arrays of numbers with any number of axes, as far as the rules of a trace need them.

export type Nested = number | null | Nested[];
export type Range = readonly [start: number, stop: number, step: number];

/** An array: its values in row-major order. */
export interface NumberArray {
  readonly shape: readonly number[];
  readonly data: number[];
}

/** The array of nested lists; null is not a finite number. */
export function fromNested(nested: Nested): NumberArray {
  const shape: number[] = [];
  for (let at = nested; Array.isArray(at); at = at[0] ?? 0) shape.push(at.length);
  const data = flat(nested);
  return { shape, data };
}

export function toNested(array: NumberArray): Nested {
  const [length, ...rest] = array.shape;
  if (length === undefined) return array.data[0] ?? null;
  const size = array.data.length / length;
  return Array.from({ length }, (_, i) => toNested({ shape: rest, data: array.data.slice(i * size, (i + 1) * size) }));
}

export const copyOf = (array: NumberArray): NumberArray => ({ shape: array.shape, data: [...array.data] });

/** The positions that a range has on its axis. */
export function positions([start, stop, step]: Range): number[] {
  const found: number[] = [];
  for (let at = start; step > 0 ? at < stop : at > stop; at += step) found.push(at);
  return found;
}

/** The places of a region in the data of an array of this shape, in row-major order. */
export function places(shape: readonly number[], index: readonly Range[]): number[] {
  return index.reduce<number[]>(
    (found, range, axis) => {
      const length = shape[axis] ?? 1;
      return found.flatMap((at) => positions(range).map((position) => at * length + position));
    },
    [0],
  );
}

/** The values of two arrays, combined as NumPy does: axes of length 1 are repeated. */
export function combine(first: NumberArray, second: NumberArray, f: (a: number, b: number) => number): NumberArray {
  const axes = Math.max(first.shape.length, second.shape.length);
  const [a, b] = [first, second].map((one) => [...Array<number>(axes - one.shape.length).fill(1), ...one.shape]) as [number[], number[]];
  const shape = a.map((length, axis) => (length === 1 ? (b[axis] ?? 1) : length));
  const all = places(shape, shape.map((length) => [0, length, 1] as const));
  const at = (place: number, own: number[]) => {
    let [found, factor, rest] = [0, 1, place];
    for (let axis = axes - 1; axis >= 0; axis--) {
      const [length, mine] = [shape[axis] ?? 1, own[axis] ?? 1];
      if (mine > 1) found += (rest % length) * factor;
      factor *= mine;
      rest = Math.floor(rest / length);
    }
    return found;
  };
  return { shape, data: all.map((place) => f(first.data[at(place, a)] ?? NaN, second.data[at(place, b)] ?? NaN)) };
}

function flat(nested: Nested): number[] {
  if (Array.isArray(nested)) return nested.flatMap(flat);
  return [nested ?? NaN];
}
