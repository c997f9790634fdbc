import { answered, BASE, type Job } from "../api";

export interface Measured extends Job {
  readonly measured?: readonly { readonly metric: string; readonly label: string; readonly text: string; readonly better: string; readonly summary: string }[];
  readonly not_measured?: readonly { readonly metric: string; readonly reason: string }[];
  /** Gray levels of the last color of the error map; null for label maps. */
  readonly error_end?: number | null;
}

/** Start a measurement with every metric. */
export async function measure(result: File, truth: File, options: Readonly<Record<string, number>>): Promise<Measured> {
  const body = new FormData();
  body.set("result", result);
  body.set("truth", truth);
  body.set("options", JSON.stringify(options));
  return (await answered(fetch(`${BASE}/measure`, { method: "POST", body }))).json();
}

export const partUrl = (id: string, part: string) => `${BASE}/jobs/${id}/parts/${part}`;
