// The API of the server for training runs, and what the tab needs of its answers.

import { answered, BASE } from "../api";

export interface Metric {
  readonly metric: string;
  readonly value: number | string;
}

export interface Summary {
  readonly name: string;
  readonly state: "running" | "finished" | "stopped";
  readonly is_stopping: boolean;
  readonly task: string;
  readonly network: string;
  readonly step: number | null;
  readonly steps: number | null;
  readonly seconds: number | null;
  readonly checkerboard: number | null;
  readonly metrics: readonly Metric[];
  readonly problems: readonly string[];
}

export type Curves = Readonly<Record<string, readonly (number | null)[]>>;

export interface Detail extends Summary {
  readonly settings: Readonly<Record<string, unknown>>;
  readonly curves: Curves;
  readonly samples: readonly number[];
  readonly files: readonly string[];
  readonly log: readonly string[];
  readonly output: readonly string[];
  readonly can_continue: boolean;
}

export interface Listing {
  readonly folder: string | null;
  readonly refusal: string;
  readonly note: string;
  readonly runs: readonly Summary[];
  readonly pictures: readonly string[];
}

export interface Comparison {
  readonly name: string;
  readonly task: string;
  readonly minutes: number | null;
  readonly steps: number | null;
  readonly has_page: boolean;
  readonly runs: readonly string[];
  readonly problem: string;
}

export interface Schema {
  readonly description?: string;
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly default?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
}

export interface TrainingForm {
  readonly tasks: Readonly<Record<string, Schema>>;
  readonly summaries: Readonly<Record<string, string>>;
  /** The network that each task takes by default. */
  readonly suited: Readonly<Record<string, string>>;
  readonly networks: readonly string[];
}

const path = (name: string) => name.split("/").map(encodeURIComponent).join("/");

async function got<T>(address: string): Promise<T> {
  return (await answered(fetch(`${BASE}/${address}`, { cache: "no-store" }))).json();
}

async function sent(address: string, body: unknown): Promise<Summary> {
  const request = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  return (await answered(fetch(`${BASE}/${address}`, request))).json();
}

export const listing = () => got<Listing>("runs");
export const detail = (name: string) => got<Detail>(`runs/${path(name)}`);
export const comparisons = () => got<Comparison[]>("compare");
export const trainingForm = () => got<TrainingForm>("training-form");
export const networks = () => got<Record<string, Schema>>("networks");
export const start = (form: Readonly<Record<string, unknown>>) => sent("trainings", form);
export const stop = (name: string) => sent("trainings/stop", { name });
export const resume = (name: string) => sent("trainings/resume", { name });
export const sampleUrl = (name: string, step: number) => `${BASE}/run-samples/${step}/${path(name)}`;
export const fileUrl = (name: string, file: string) => `${BASE}/run-files/${file}/${path(name)}`;
export const pageUrl = (name: string) => `${BASE}/compare/${path(name)}`;
