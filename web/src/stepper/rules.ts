// The rules of a trace's steps, as in repix.arithmetic.trace. A test computes every operation with both.

import { combine, type NumberArray } from "./arrays";

export type Values = Readonly<Record<string, NumberArray>>;

const map = (array: NumberArray, f: (value: number) => number): NumberArray => ({ shape: array.shape, data: array.data.map(f) });
const scalar = (value: number): NumberArray => ({ shape: [], data: [value] });
const total = (array: NumberArray) => scalar(array.data.reduce((sum, value) => sum + value));
const times = (a: number, b: number) => a * b;

function firstLargest(array: NumberArray): number {
  return array.data.reduce((best, value, at) => (value > (array.data[best] ?? NaN) ? at : best), 0);
}

function normalized(weights: NumberArray): NumberArray {
  const sum = weights.data.reduce((a, b) => a + b);
  return map(weights, (weight) => weight / sum);
}

function cubic(distance: number, a: number): number {
  const x = Math.abs(distance);
  if (x <= 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x < 2 ? a * (((x - 5) * x + 8) * x - 4) : 0;
}

/** Exactly 0 on other pixels. */
function sinc(x: number): number {
  if (Number.isInteger(x)) return x === 0 ? 1 : 0;
  return Math.sin(Math.PI * x) / (Math.PI * x);
}

const given = (values: Values, name: string): NumberArray => {
  const found = values[name];
  if (found === undefined) throw new Error(`a step has no input '${name}'`);
  return found;
};

/** The function of each rule: from a step's inputs, by name, to its result. */
export const RULES: Readonly<Record<string, (values: Values) => NumberArray>> = {
  copy: (v) => given(v, "values"),
  scale: (v) => combine(given(v, "value"), given(v, "kernel"), times),
  dot: (v) => total(combine(given(v, "values"), given(v, "weights"), times)),
  sum: (v) => total(given(v, "values")),
  product: (v) => combine(given(v, "first"), given(v, "second"), times),
  difference: (v) => combine(given(v, "first"), given(v, "second"), (a, b) => a - b),
  max: (v) => scalar(given(v, "values").data[firstLargest(given(v, "values"))] ?? NaN),
  "index-of-max": (v) => scalar(given(v, "indices").data[firstLargest(given(v, "values"))] ?? NaN),
  "floor-divide": (v) => combine(given(v, "value"), given(v, "divisor"), (a, b) => Math.floor(a / b)),
  remainder: (v) => combine(given(v, "value"), given(v, "divisor"), (a, b) => a - Math.floor(a / b) * b),
  exp: (v) => combine(given(v, "values"), given(v, "shift"), (a, b) => Math.exp(a - b)),
  tanh: (v) => map(given(v, "values"), Math.tanh),
  sigmoid: (v) => map(given(v, "values"), (a) => (1 + Math.tanh(a / 2)) / 2),
  absolute: (v) => map(given(v, "values"), Math.abs),
  divide: (v) => combine(given(v, "values"), given(v, "total"), (a, b) => a / b),
  "log-loss": (v) => map(given(v, "probabilities"), (a) => -Math.log(a)),
  mean: (v) => scalar((total(given(v, "values")).data[0] ?? NaN) / given(v, "values").data.length),
  "linear-weights": (v) => normalized(map(given(v, "distances"), (d) => Math.max(0, 1 - Math.abs(d)))),
  "cubic-weights": (v) => normalized(map(given(v, "distances"), (d) => cubic(d, given(v, "a").data[0] ?? NaN))),
  "lanczos-weights": (v) => {
    const lobes = given(v, "lobes").data[0] ?? NaN;
    return normalized(map(given(v, "distances"), (d) => (Math.abs(d) < lobes ? sinc(d) * sinc(d / lobes) : 0)));
  },
};
