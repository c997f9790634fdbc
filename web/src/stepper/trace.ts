// A trace as `repix explain --page` writes it, and its computation, also with other numbers.

import { copyOf, fromNested, places, type Nested, type NumberArray, type Range } from "./arrays";
import { RULES, type Values } from "./rules";

export interface Read {
  readonly array: string;
  readonly index: readonly Range[];
  /** For each value of the input, its place in the region, or -1 for a constant; missing: the region as it is. */
  readonly order?: readonly number[];
}

export interface Input {
  readonly label: string;
  readonly values: Nested;
  readonly read?: Read;
}

export interface Step {
  readonly stage: string;
  readonly rule: string;
  readonly text: string;
  readonly inputs: Readonly<Record<string, Input>>;
  readonly index: readonly Range[];
  readonly adds: boolean;
}

export interface Named {
  readonly name: string;
  readonly title: string;
  readonly values: Nested;
  readonly axes: readonly string[];
}

export interface Trace {
  readonly operation: string;
  readonly title: string;
  readonly idea: string;
  readonly command: string;
  readonly inputs: readonly (Named & { readonly editable: boolean })[];
  readonly stages: readonly Named[];
  readonly steps: readonly Step[];
  readonly code: Readonly<Record<string, string>>;
  readonly server?: Server;
}

/** What a page of the studio has besides: its server makes pages and drawings for other values of the options. */
export interface Server {
  readonly options: Readonly<Record<string, { readonly type: string; readonly description: string; readonly default?: unknown }>>;
  /** The values of the options, as texts. */
  readonly values: Readonly<Record<string, string>>;
  /** Of the options that are arrays: channels, rows and columns, and the input and place that have each number. */
  readonly origins: Readonly<Record<string, { readonly shape: readonly [number, number, number]; readonly from: readonly (readonly [string, number])[] }>>;
}

/** The values of a step's inputs, and its result. */
export interface Computed {
  readonly inputs: Values;
  readonly result: NumberArray;
}

/** All arrays after some steps, and each step so far. */
export interface State {
  readonly arrays: ReadonlyMap<string, NumberArray>;
  readonly steps: readonly Computed[];
}

const all = (shape: readonly number[]): Range[] => shape.map((length) => [0, length, 1] as const);

/** Compute the first `count` steps of a trace from these inputs. */
export function run(trace: Trace, inputs: ReadonlyMap<string, NumberArray>, count = trace.steps.length): State {
  const arrays = new Map(inputs);
  for (const stage of trace.stages) arrays.set(stage.name, fromNested(stage.values));
  const steps: Computed[] = [];
  for (const step of trace.steps.slice(0, count)) {
    const computed = compute(step, arrays);
    const target = copyOf(arrays.get(step.stage)!);
    const result = computed.result.data;
    places(target.shape, step.index.length ? step.index : all(target.shape)).forEach((place, i) => {
      const value = result[result.length === 1 ? 0 : i] ?? NaN;
      target.data[place] = step.adds ? (target.data[place] ?? NaN) + value : value;
    });
    arrays.set(step.stage, target);
    steps.push(computed);
  }
  return { arrays, steps };
}

function compute(step: Step, arrays: ReadonlyMap<string, NumberArray>): Computed {
  const inputs = Object.fromEntries(Object.entries(step.inputs).map(([name, input]) => [name, valuesOf(input, arrays)]));
  if (inputs.shift?.data.length === 1 && inputs.values) inputs.shift = { ...inputs.shift, data: [Math.max(...inputs.values.data)] };
  const rule = RULES[step.rule];
  if (rule === undefined) throw new Error(`unknown rule '${step.rule}'`);
  return { inputs, result: rule(inputs) };
}

/** The values of a step's input, read again from the array they come from. */
function valuesOf(input: Input, arrays: ReadonlyMap<string, NumberArray>): NumberArray {
  const values = fromNested(input.values);
  const source = input.read && arrays.get(input.read.array);
  if (!input.read || !source) return values;
  const region = places(source.shape, input.read.index).map((place) => source.data[place] ?? NaN);
  const { order } = input.read;
  if (order) return { shape: values.shape, data: order.map((at, i) => (at < 0 ? values.data[i] : region[at]) ?? NaN) };
  return region.length === values.data.length ? { shape: values.shape, data: region } : values;
}

/** The inputs of a trace as they are written. */
export function inputsOf(trace: Trace): Map<string, NumberArray> {
  return new Map(trace.inputs.map((input) => [input.name, fromNested(input.values)]));
}
