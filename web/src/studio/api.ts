// The API of the server, as far as the page uses it. An answer that is an error becomes an Error with its sentence.

export interface Model {
  readonly name: string;
  readonly task: string;
  readonly purpose: string;
  readonly limits: string;
  readonly default: boolean;
  readonly scale: number;
  readonly keep_colors: boolean;
  /** A chosen one is left to the model where no value is given, if that is asked for. */
  readonly side_inputs: readonly { readonly name: string; readonly kind: string; readonly chosen: boolean }[];
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
  /** Of a conversion that is done. */
  readonly report?: { readonly kept?: readonly string[]; readonly converted?: readonly string[]; readonly lost?: readonly string[] };
}

export interface Hint {
  readonly x: number;
  readonly y: number;
  readonly color: string;
}

/** What a conversion is given besides the picture. */
export interface Settings {
  readonly model: string;
  readonly strength?: number;
  readonly keepColors?: boolean;
  readonly quality?: number | null;
  /** X,Y,WIDTH,HEIGHT; empty for the whole picture. */
  readonly crop?: string;
  readonly hints?: readonly Hint[];
  /** A value, or the model chooses at each pixel. */
  readonly perception?: number | "auto";
  readonly map?: Blob | null;
}

/** A picture, and its id on the server if it was sent already. */
export interface Sent {
  readonly file: File;
  readonly id: string | null;
}

export const BASE = "/api/v1";

/** Return an answer; throw an Error with the server's sentence if it is none, or with ours if the server is silent. */
export async function answered(request: Promise<Response>): Promise<Response> {
  const response = await request.catch((problem: Error) => {
    throw problem instanceof TypeError ? new Error(SILENT) : problem; // others: the request was given up
  });
  if (response.ok) return response;
  const body: unknown = await response.json().catch(() => null);
  const said = body && typeof body === "object" && "error" in body ? String(body.error) : `The server answered ${response.status}.`;
  throw new Error(said);
}

export async function models(): Promise<Model[]> {
  return (await answered(fetch(`${BASE}/models`))).json();
}

/** Send a form with a picture: its id if the server still has it, else the file. */
async function sent<Answer>(path: string, picture: Sent, fields: Record<string, string | Blob> = {}): Promise<Answer> {
  const form = (id: string | null) => {
    const body = new FormData();
    if (id) body.set("source", id);
    else body.set("file", picture.file);
    for (const [name, value] of Object.entries(fields)) {
      if (typeof value === "string") body.set(name, value);
      else body.set(name, value, "map.png");
    }
    return body;
  };
  const post = (id: string | null) => fetch(`${BASE}/${path}`, { method: "POST", body: form(id) });
  const isGone = (response: Response) => response.status === 404 && picture.id !== null; // the server was started again
  return (await answered(post(picture.id).then((response) => (isGone(response) ? post(null) : response)))).json();
}

/** Send a picture to look at it. */
export const open = (file: File): Promise<Job> => sent("pictures", { file, id: null });

export const inspect = (picture: Sent): Promise<Inspection> => sent("inspect", picture);

/** Start a conversion; a preview goes before the jobs that wait. */
export function start(picture: Sent, settings: Settings, isPreview = false): Promise<Job> {
  const { model, strength = 1, keepColors, quality, crop, hints, perception, map } = settings;
  const fields: Record<string, string | Blob> = { model, strength: String(strength) };
  if (isPreview) fields.preview = "true";
  if (keepColors) fields.keep_colors = "true";
  if (quality) fields.quality = String(quality);
  if (crop) fields.crop = crop;
  if (hints?.length) fields.hints = JSON.stringify(hints);
  if (map) fields.perception_map = map;
  else if (perception !== undefined) fields.perception = String(perception);
  return sent("convert", picture, fields);
}

export async function remove(id: string): Promise<void> {
  await answered(fetch(`${BASE}/jobs/${id}`, { method: "DELETE" }));
}

interface Watcher {
  readonly changed: (job: Job) => void;
  readonly lost: (why: string) => void;
}

const GONE = "The server was started again, so this job is gone; start it once more.";
const SILENT = "The server does not answer; if it ended, start it again, and try once more.";

const watchers = new Map<string, Watcher>();
let stream: EventSource | null = null;
let failures = 0;

/** Call back whenever a job changes; the returned function stops it. All jobs share one stream: a browser opens few. */
export function watch(id: string, changed: (job: Job) => void, lost: (why: string) => void): () => void {
  watchers.set(id, { changed, lost });
  listen();
  return () => void watchers.delete(id);
}

function listen() {
  if (stream || watchers.size === 0) return;
  const opened = (stream = new EventSource(`${BASE}/jobs/events`));
  opened.onmessage = (event: MessageEvent<string>) => {
    failures = 0;
    (JSON.parse(event.data) as Job[]).forEach(tell);
  };
  opened.onerror = () => {
    opened.close();
    stream = null;
    void again();
  };
}

function tell(job: Job) {
  const watcher = watchers.get(job.id);
  if (hasEnded(job)) watchers.delete(job.id);
  watcher?.changed(job);
}

/** The stream ended: jobs that ended before it began are asked for; for the others, it is opened again. */
async function again() {
  const asked = [...watchers]; // a job that is started meanwhile is not in the answer
  try {
    const known = new Map(((await (await answered(fetch(`${BASE}/jobs`))).json()) as Job[]).map((job) => [job.id, job]));
    for (const [id, watcher] of asked) {
      if (watchers.get(id) !== watcher) continue;
      const job = known.get(id);
      if (job) tell(job);
      else (watchers.delete(id), watcher.lost(GONE));
    }
    failures = 0;
  } catch {
    failures += 1;
    if (failures > 3) {
      watchers.forEach((watcher) => watcher.lost(SILENT));
      watchers.clear();
    }
  }
  setTimeout(listen, failures * 500);
}

export const hasEnded = (job: Job) => job.state !== "waiting" && job.state !== "running";

/** Wait for the end of a job; throw an Error with its sentence if it fails. */
export function ended(job: Job): Promise<Job> {
  return new Promise((resolve, reject) => {
    const changed = (now: Job) => {
      if (now.state === "done") resolve(now);
      else if (hasEnded(now)) reject(new Error(now.error || "The job was canceled."));
    };
    watch(job.id, changed, (why) => reject(new Error(why)));
  });
}

export const resultUrl = (id: string) => `${BASE}/jobs/${id}/result`;
export const zipUrl = (ids: readonly string[]) => `${BASE}/jobs/results.zip?${ids.map((id) => `id=${id}`).join("&")}`;

/** Return a picture of the server as a file. */
export async function fetched(path: string, name: string): Promise<File> {
  return new File([await (await answered(fetch(`${BASE}/${path}`))).blob()], name, { type: "image/png" });
}
