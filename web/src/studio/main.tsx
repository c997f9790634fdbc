import { render } from "preact";
import { useLayoutEffect, useState } from "preact/hooks";
import { Checkerboards } from "./checkerboards/Checkerboards";
import { Colorize } from "./colorize/Colorize";
import { Convert } from "./convert/Convert";
import { Measure } from "./measure/Measure";
import { Runs } from "./runs/Runs";
import "./studio.css";
import "./measure/measure.css";
import "./checkerboards/checkerboards.css";

/** The tabs; an address ends with #/ and a tab's id. */
const TABS = [
  { id: "convert", title: "Convert", Tab: Convert },
  { id: "colorize", title: "Colorize", Tab: Colorize },
  { id: "measure", title: "Measure", Tab: Measure },
  { id: "checkerboards", title: "Checkerboards", Tab: Checkerboards },
  { id: "runs", title: "Runs", Tab: Runs },
] as const;

const opened = () => TABS.find(({ id }) => location.hash.startsWith(`#/${id}`)) ?? TABS[0];

/** The page: one tab at a time. A tab that was opened keeps its state while another one is shown. */
function Studio() {
  const [current, setCurrent] = useState(opened);
  const [seen, setSeen] = useState<ReadonlySet<string>>(new Set([current.id]));

  useLayoutEffect(() => {
    // before the page is seen, or a quick click on a link would go unheard
    const changed = () => {
      setCurrent(opened());
      setSeen((before) => new Set(before).add(opened().id));
    };
    addEventListener("hashchange", changed);
    return () => removeEventListener("hashchange", changed);
  }, []);
  return (
    <main>
      <header>
        <h1>repix studio</h1>
        <nav aria-label="Pages">
          {TABS.map(({ id, title }) => <a href={`#/${id}`} aria-current={id === current.id ? "page" : undefined}>{title}</a>)}
          <a href="/explain">Operations, step by step</a>
          <a href="/api">HTTP API</a>
        </nav>
      </header>
      {TABS.filter(({ id }) => seen.has(id)).map(({ id, Tab }) => (
        <section key={id} hidden={id !== current.id}>
          <Tab />
        </section>
      ))}
    </main>
  );
}

const root = document.getElementById("studio");
if (root) {
  root.textContent = "";
  render(<Studio />, root);
}
