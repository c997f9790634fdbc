import type { Job } from "../api";

const NAMES = { kept: "Kept", converted: "Converted", lost: "Lost" } as const;

/** What the result keeps, converts and loses of its source. */
export function Report({ job }: { readonly job: Job }) {
  const rows = (["kept", "converted", "lost"] as const).filter((key) => job.report?.[key]?.length);
  return (
    <details>
      <summary>What the result keeps{job.report?.lost?.length ? ", and what it loses" : ""}</summary>
      <table>
        <tbody>{rows.map((key) => <tr><th scope="row">{NAMES[key]}</th><td>{job.report?.[key]?.join(", ")}</td></tr>)}</tbody>
      </table>
    </details>
  );
}
