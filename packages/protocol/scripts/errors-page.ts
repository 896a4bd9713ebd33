import { REFUSAL_AREAS } from "../src/index.ts";
import type { RefusalEntry } from "../src/errors.ts";

const HEAD = `# Refusals

Whatever Bezant refuses, it refuses with one of these codes: in the result of a call, as \`code\` of a problem (RFC 9457) over HTTP, in a batch's answer, in \`--json\`.
Codes are stable. \`state\` says what the refusal means for the money: \`nothing-moved\`, \`moved\`, \`pending\` or \`unknown\`.
[\`protocol.md\`](protocol.md) says when each is used; the numbers of the secure device's are in its §13.5.

This page is generated from \`packages/protocol/src/refusals/\` by \`npm run generate\`.
`;

/** The text of docs/errors.md. */
export function errorsPage(): string {
  const areas = Object.entries(REFUSAL_AREAS).map(([area, table]) => {
    const rows = Object.entries(table).map(([code, entry]) => row(code, entry));
    return `\n## ${area}\n\n| code | what happened | state | the money | how to go on |\n| --- | --- | --- | --- | --- |\n${rows.join("")}`;
  });
  return HEAD + areas.join("");
}

function row(code: string, { title, state, money, next }: RefusalEntry): string {
  return `| \`${code}\` | ${title}. | \`${state}\` | ${money} | ${next} |\n`;
}
