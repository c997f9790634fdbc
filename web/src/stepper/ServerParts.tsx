import { useState } from "preact/hooks";
import { answered, BASE, remove, resultUrl, type Job } from "../studio/api";
import { download } from "../studio/download";
import { given, type Texts } from "./options";
import type { Server } from "./trace";

const POLL_MS = 200;
const FORMS = { svg: "SVG", png: "PNG", gif: "animated GIF", "step-svg": "SVG with buttons" } as const;
const ROWS_FROM = 24;

export interface ServerProps {
  readonly operation: string;
  readonly server: Server;
  /** The values of the options with the numbers of the page. */
  readonly texts: Texts;
}

/** The options of the operation; other values open the page again. */
export function Options({ operation, server, texts }: ServerProps) {
  const [edited, setEdited] = useState<Record<string, string>>({});
  const [error, setError] = useState("");
  const now = { ...texts, ...edited };
  const apply = async () => {
    const address = `/explain/${operation}?${new URLSearchParams(given(server, now))}`;
    try {
      await answered(fetch(address));
      location.assign(address);
    } catch (problem) {
      setError((problem as Error).message);
    }
  };
  return (
    <details open={Object.keys(given(server, server.values)).length > 0}>
      <summary>Options</summary>
      <form class="options" onSubmit={(event) => (event.preventDefault(), void apply())}>
        {Object.entries(server.options).map(([name, { type, description }]) => (
          <label class={now[name]!.length > ROWS_FROM ? "wide" : ""}>
            <span>{name} <small>{description.replaceAll("`", "")}</small></span>
            {type === "boolean" ? (
              <input type="checkbox" checked={now[name] === "yes"} onChange={(event) => setEdited({ ...edited, [name]: event.currentTarget.checked ? "yes" : "no" })} />
            ) : (
              <input value={now[name]} spellcheck={false} onInput={(event) => setEdited({ ...edited, [name]: event.currentTarget.value })} />
            )}
          </label>
        ))}
        <button type="submit">Show with these options</button>
      </form>
      {error && <p class="error" role="alert">{error}</p>}
    </details>
  );
}

/** The way back. */
export const Links = () => <nav><a href="/">Studio</a> <a href="/explain">All operations</a></nav>;

/** Drawings of the steps as files, with the numbers of the page. */
export function Drawings({ operation, server, texts }: ServerProps) {
  const [job, setJob] = useState<Job | null>(null);
  const [error, setError] = useState("");
  const draw = async (form: string) => {
    setError("");
    try {
      const body = new FormData();
      body.set("form", form);
      body.set("options", JSON.stringify(given(server, texts)));
      let now: Job = await (await answered(fetch(`${BASE}/explain/${operation}/drawing`, { method: "POST", body }))).json();
      setJob(now);
      while (now.state === "waiting" || now.state === "running") {
        await new Promise((resolve) => setTimeout(resolve, POLL_MS));
        now = await (await answered(fetch(`${BASE}/jobs/${now.id}`))).json();
      }
      if (now.state !== "done") throw new Error(now.error || "The drawing was canceled.");
      download(await (await answered(fetch(resultUrl(now.id)))).blob(), now.name);
      await remove(now.id);
    } catch (problem) {
      setError((problem as Error).message);
    }
    setJob(null);
  };
  return (
    <section>
      <h2>Save the drawing</h2>
      <div class="tabs" role="group" aria-label="Save the drawing as">
        {Object.entries(FORMS).map(([form, title]) => (
          <button type="button" disabled={job !== null} onClick={() => void draw(form)}>{title}</button>
        ))}
        {job && <span role="status">Drawing …</span>}
        {job && <button type="button" onClick={() => void remove(job.id)}>Cancel</button>}
      </div>
      {error && <p class="error" role="alert">{error}</p>}
    </section>
  );
}
