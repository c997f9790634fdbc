import { answered, BASE, type Job } from "../api";

export const KINDS = {
  transposed: "Transposed convolution",
  "pixel-shuffle": "Convolution, then pixel shuffle",
  "resize-conv": "Nearest neighbor, then convolution",
  bilinear: "Bilinear, then convolution",
} as const;
export const WEIGHTS = { equal: "all equal", random: "random", even: "random, made even" } as const;

export interface Layer {
  readonly kind: keyof typeof KINDS;
  readonly kernel: number;
  readonly stride: number;
  readonly weights: keyof typeof WEIGHTS;
  readonly seed: number;
}

interface Amplified {
  readonly picture: string;
  readonly gain: number;
}

export interface Shown {
  /** A kernel for each output channel; a pixel shuffle has one for each phase. */
  readonly kernel: readonly (readonly (readonly number[])[])[];
  readonly phase_sums: readonly (readonly number[])[];
  readonly even: boolean;
  readonly sentence: string;
  readonly score: number;
  readonly flat_score: number;
  readonly photo: string;
  readonly result: string;
  readonly amplified: Amplified;
  readonly flat: Amplified;
  readonly spectrum: string;
}

/** Return what a layer makes of a photo; without one, of a drawn one. */
export async function shownLayer(layer: Layer, photo: Blob | null, signal: AbortSignal): Promise<Shown> {
  const body = new FormData();
  body.set("layer", JSON.stringify(layer));
  if (photo) body.set("file", photo, "photo.png");
  return (await answered(fetch(`${BASE}/checkerboard`, { method: "POST", body, signal }))).json();
}

/** Return the small gray square of a photo, which is fast to send again. */
export async function smallPhoto(file: File): Promise<Blob> {
  const body = new FormData();
  body.set("file", file);
  return (await answered(fetch(`${BASE}/checkerboard/photo`, { method: "POST", body }))).blob();
}

export interface Audit {
  readonly verdict: string;
  readonly layers: readonly {
    readonly layer: string;
    readonly even: boolean | null;
    readonly spread: number | null;
    readonly predicted: { readonly score: number } | null;
    readonly measured: { readonly score: number } | null;
  }[];
}

/** Start the audit of an ONNX file. */
export async function audit(file: File): Promise<Job> {
  const body = new FormData();
  body.set("file", file);
  return (await answered(fetch(`${BASE}/audit`, { method: "POST", body }))).json();
}
