// The API of the server, as far as the page uses it. An answer that is an error becomes an Error with its sentence.

export interface Model {
  readonly name: string;
  readonly task: string;
  readonly purpose: string;
  readonly limits: string;
  readonly default: boolean;
  readonly scale: number;
}

export interface Advice {
  readonly text: string;
  readonly model: string | null;
}

export interface Inspection {
  readonly table: readonly { readonly name: string; readonly text: string }[];
  readonly advice: readonly Advice[];
}

export interface Job {
  readonly id: string;
  readonly state: "waiting" | "running" | "done" | "failed" | "canceled";
  readonly progress: number;
  readonly name: string;
  readonly error: string;
  readonly notes: readonly string[];
}

export interface Settings {
  readonly model: string;
  readonly strength: number;
}

export const BASE = "/api/v1";

/** Return an answer; throw an Error with the server's sentence if it is none. */
export async function answered(response: Response): Promise<Response> {
  if (response.ok) return response;
  const body: unknown = await response.json().catch(() => null);
  const said = body && typeof body === "object" && "error" in body ? String(body.error) : `The server answered ${response.status}.`;
  throw new Error(said);
}

export async function models(): Promise<Model[]> {
  return (await answered(await fetch(`${BASE}/models`))).json();
}

export async function inspect(file: File): Promise<Inspection> {
  const body = new FormData();
  body.set("file", file);
  return (await answered(await fetch(`${BASE}/inspect`, { method: "POST", body }))).json();
}

/** Start a conversion. */
export async function start(file: File, settings: Settings): Promise<Job> {
  const body = new FormData();
  body.set("file", file);
  body.set("model", settings.model);
  body.set("strength", String(settings.strength));
  return (await answered(await fetch(`${BASE}/convert`, { method: "POST", body }))).json();
}

export async function remove(id: string): Promise<void> {
  await answered(await fetch(`${BASE}/jobs/${id}`, { method: "DELETE" }));
}

/** Call back whenever a job changes; the returned function stops it. */
export function watch(id: string, changed: (job: Job) => void, lost: () => void): () => void {
  const source = new EventSource(`${BASE}/jobs/${id}/events`);
  source.onmessage = (event: MessageEvent<string>) => {
    const job = JSON.parse(event.data) as Job;
    changed(job);
    if (job.state !== "waiting" && job.state !== "running") source.close();
  };
  source.onerror = () => {
    source.close();
    lost();
  };
  return () => source.close();
}

export const resultUrl = (id: string) => `${BASE}/jobs/${id}/result`;
export const previewUrl = (id: string, of: "before" | "after") => `${BASE}/jobs/${id}/preview?of=${of}`;
