// Layers: pictures of any size, of which only the tiles that are seen are loaded. Decoding happens outside the main thread.
import { answered } from "../api";
import type { Rect, Size } from "./view";

/** The address of a picture, or a job of the server whose source or result is shown in tiles. */
export type Source = string | { readonly job: string; readonly of: "before" | "after" };

/** The picture in its full size, and levels of half the size each. */
interface Levels extends Size {
  readonly tile: number;
  readonly levels: number;
}

const AT_ONCE = 4;
const KEPT = 64;

export const sourceKey = (source: Source) => (typeof source === "string" ? source : `${source.job} ${source.of}`);

/** A picture that is drawn as far as its tiles are loaded. */
export class Layer {
  private readonly kept = new Map<string, ImageBitmap>();
  private readonly failed = new Set<string>();
  private wanted: string[] = [];
  private loading = new Set<string>();
  private isClosed = false;

  private constructor(
    readonly size: Levels,
    private readonly url: (tile: string) => string,
    private readonly changed: () => void,
  ) {}

  /** Open a source; `changed` is called whenever a tile was loaded. */
  static async open(source: Source, changed: () => void): Promise<Layer> {
    if (typeof source !== "string") {
      const base = `/api/v1/jobs/${source.job}`;
      const levels: Levels = await (await answered(fetch(`${base}/levels?of=${source.of}`))).json();
      return new Layer(levels, (tile) => `${base}/tile?of=${source.of}&${tile}`, changed);
    }
    const bitmap = await loaded(source);
    const layer = new Layer({ width: bitmap.width, height: bitmap.height, tile: Math.max(bitmap.width, bitmap.height), levels: 1 }, () => source, changed);
    layer.kept.set(named(0, 0, 0), bitmap);
    return layer;
  }

  close() {
    this.isClosed = true;
    this.kept.forEach((bitmap) => bitmap.close());
    this.kept.clear();
  }

  /** Whether all of the picture can be drawn, if only coarsely. */
  get isReady(): boolean {
    return this.kept.has(named(this.size.levels - 1, 0, 0));
  }

  /** Draw the picture into a place of the canvas, in its pixels; `scale` is the place's size by the picture's. */
  draw(canvas: CanvasRenderingContext2D, place: Rect, scale: number, isSmooth: boolean) {
    const best = Math.min(this.size.levels - 1, Math.max(0, Math.floor(Math.log2(1 / scale) + 0.01)));
    this.wanted = [];
    canvas.save();
    canvas.beginPath();
    canvas.rect(place.x, place.y, place.width, place.height);
    canvas.clip();
    canvas.imageSmoothingEnabled = isSmooth;
    const missing = this.visible(best, canvas.canvas, place, scale).filter(([key]) => !this.kept.has(key));
    for (let level = missing.length ? this.size.levels - 1 : best; level >= best; level--) {
      const isWanted = level === best || level === this.size.levels - 1;
      for (const [key, x, y] of this.visible(level, canvas.canvas, place, scale)) {
        const bitmap = this.kept.get(key);
        if (isWanted) this.wanted.push(key); // the last level first: it is small, and shows all of the picture
        if (bitmap) this.put(canvas, bitmap, place, scale * 2 ** level, x, y);
      }
    }
    canvas.restore();
    this.load();
  }

  private put(canvas: CanvasRenderingContext2D, bitmap: ImageBitmap, place: Rect, scale: number, x: number, y: number) {
    const [left, top] = [x * this.size.tile, y * this.size.tile];
    const at = (first: number, offset: number) => Math.round(first + offset * scale); // whole pixels: no seam between tiles
    const [x0, y0] = [at(place.x, left), at(place.y, top)];
    canvas.drawImage(bitmap, x0, y0, at(place.x, left + bitmap.width) - x0, at(place.y, top + bitmap.height) - y0);
  }

  /** The tiles of a level that are on the canvas. */
  private visible(level: number, canvas: Size, place: Rect, scale: number): [string, number, number][] {
    const side = this.size.tile * scale * 2 ** level;
    const range = (first: number, pixels: number, end: number) => {
      const from = Math.max(0, Math.floor(-first / side));
      const to = Math.min(Math.ceil(pixels / (this.size.tile * 2 ** level)), Math.ceil((end - first) / side));
      return Array.from({ length: Math.max(0, to - from) }, (_, number) => from + number);
    };
    const columns = range(place.x, this.size.width, canvas.width);
    return range(place.y, this.size.height, canvas.height).flatMap((y) => columns.map((x): [string, number, number] => [named(level, x, y), x, y]));
  }

  private load() {
    for (const key of this.wanted) {
      if (this.loading.size >= AT_ONCE) return;
      if (!this.kept.has(key) && !this.loading.has(key) && !this.failed.has(key)) void this.fetch(key);
    }
  }

  private async fetch(key: string) {
    this.loading.add(key);
    try {
      const bitmap = await loaded(this.url(key));
      if (this.isClosed) bitmap.close();
      else this.kept.set(key, bitmap);
    } catch {
      this.failed.add(key);
    }
    this.loading.delete(key);
    if (this.isClosed) return;
    this.forget();
    this.changed();
  }

  /** Forget tiles that are not seen; the last level stays, so that there is always something to draw. */
  private forget() {
    const most = Math.max(KEPT, 2 * this.wanted.length);
    for (const [key, bitmap] of this.kept) {
      if (this.kept.size <= most) return;
      if (this.wanted.includes(key) || key.startsWith(`level=${this.size.levels - 1}&`)) continue;
      this.kept.delete(key);
      bitmap.close();
    }
  }
}

const named = (level: number, x: number, y: number) => `level=${level}&x=${x}&y=${y}`;

async function loaded(address: string): Promise<ImageBitmap> {
  return createImageBitmap(await (await answered(fetch(address))).blob());
}
