import type { Model, Settings } from "./api";

/** A word of a shell's command line. */
export const quoted = (word: string) => (/^[\w.,#-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);

/** The command that gives the same file; maps and hints are read from files of these names. */
export function command(model: Model | undefined, name: string, settings: Settings, side: { hints?: string; map?: string } = {}): string {
  const { strength = 1, keepColors, quality, crop, perception } = settings;
  const words = ["repix", model?.task ?? "convert", quoted(name), "--model", settings.model];
  if (strength !== 1) words.push("--strength", String(strength));
  if (keepColors) words.push("--keep-colors");
  if (quality) words.push("--quality", String(quality));
  if (crop) words.push("--crop", crop);
  if (side.hints) words.push("--hints", quoted(side.hints));
  if (side.map) words.push("--perception", quoted(side.map));
  else if (perception !== undefined) words.push("--perception", String(perception));
  return words.join(" ");
}
