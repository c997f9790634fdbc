import { ended, fetched, remove, start, type Job, type Settings } from "./api";
import type { Rect } from "./viewer/view";

/** Pixels a side of a part that two slow cores convert within a second. */
export const LONGEST = 384;

export interface Preview {
  readonly job: Job;
  readonly seconds: number;
}

/** Convert a part of a picture that the server has, in 8 bits. */
export async function previewPart(id: string, part: Rect, settings: Settings): Promise<Preview> {
  const began = performance.now();
  const { x, y, width, height } = part;
  const file = await fetched(`jobs/${id}/part?of=before&left=${x}&top=${y}&width=${width}&height=${height}`, "preview.png");
  const job = await ended(await start({ file, id: null }, { ...settings, crop: "", quality: null }, true));
  return { job, seconds: (performance.now() - began) / 1000 };
}

export const forget = (job: Job | null | undefined) => void (job && remove(job.id).catch(() => undefined));
