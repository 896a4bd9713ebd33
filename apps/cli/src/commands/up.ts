import { currency } from "@bezant/protocol";
import type { Command } from "commander";
import type { Cli } from "../cli.ts";
import { commandLine } from "../command-line.ts";
import { EXIT } from "../exit-codes.ts";
import { Failure } from "../failure.ts";
import { fileFailure } from "../files.ts";
import { layoutOf, networksIn, newNetworkFolder } from "../network/layout.ts";
import { Network } from "../network/network.ts";
import { suggestions } from "../network/suggestions.ts";
import { People } from "../story/people.ts";
import { tellStory } from "../story/story.ts";
import { StepFailed, Teller } from "../story/teller.ts";
import { untilToldToEnd } from "../until-told.ts";

type Options = { readonly data: string; readonly once?: true };

/** `bezant up`: a network on this machine, and the story of a payment played on it. */
export function addUp(up: Command, cli: Cli): void {
  up.option("--data <folder>", "where each start makes a network-N of its own", "data")
    .option("--once", "end after the story, with status 0 only if every expectation held")
    .addHelpText(
      "after",
      "\nExample:\n  ./bezant up --once --data /tmp/bezant\n\n" +
        "A network is not started again as a whole; each of its servers can be, with the configuration in its folder:\n" +
        "  ./bezant provider serve --config data/network-1/aurum/config.json",
    )
    .action(async ({ data, once }: Options) => {
      const told = untilToldToEnd().then(() => "told" as const);
      void told.then(letTheImpatientGo);
      const folder = await newNetworkFolder(data).catch((error: unknown) => {
        throw fileFailure(data, error);
      });
      const network = new Network(layoutOf(folder), currency("EUR"), cli.now);
      const people = new People(network, cli.now);
      const teller = new Teller(cli.output, network.currency);
      try {
        await introduce(cli, data, folder);
        const story = tellStory({ teller, network, people, now: cli.now }).catch(ignoreTold);
        const interrupted = (await Promise.race([story, told])) === "told";
        if (interrupted) throw new Failure("Stopped before the end.", EXIT.interrupted);
        await people.end();
        sumUp(cli, teller, folder);
        if (once === true) return;
        invite(cli, network);
        const ends = network.running.map(({ exited, log }) => exited.then(() => log));
        const first = await Promise.race([told, ...ends]);
        if (first !== "told") {
          throw new Failure(`A server ended by itself, so all are stopped; see ${first}`);
        }
        cli.output.progress("\nStopping the servers, their databases and the devices …");
      } finally {
        teller.mute();
        await people.end();
        await network.stop();
      }
    });
}

/** A second Ctrl-C: all that was started ends by itself once this process is gone. */
function letTheImpatientGo(): void {
  process.once("SIGINT", () => process.exit(EXIT.interrupted));
}

/** What a step has told already. */
function ignoreTold(error: unknown): void {
  if (!(error instanceof StepFailed)) throw error;
}

async function introduce({ output }: Cli, data: string, folder: string): Promise<void> {
  if (output.json) return;
  const earlier = (await networksIn(data)).length - 1;
  const kept =
    earlier === 0 ? "" : ` (${earlier} of earlier starts kept beside it; delete them as you like)`;
  output.result(
    "Bezant: people pay each other while neither can reach any server.\n" +
      "Research software, no real money. The secure devices here are software: for demonstration only.\n" +
      `This network is in ${folder}${kept}.`,
    {},
  );
}

function sumUp({ output }: Cli, { ok, steps }: Teller, data: string): void {
  const fields = { event: "end", ok, steps, data };
  if (ok)
    output.result(`\nThe story holds: ${steps} steps, and every expectation in them.`, fields);
  else if (output.json) output.result("", fields);
  if (!ok)
    throw new Failure(`The story does not hold: see FAILED above, and the files in ${data}.`);
}

function invite({ output }: Cli, network: Network): void {
  const { layout } = network;
  const url = network.url("aurum");
  const tries = suggestions(network);
  const lines = tries.map(({ what, args }) => `  ${what}:\n    ${commandLine(args)}`);
  output.result(
    `\nThe network stays up; Ctrl-C stops it.\naurum's API: ${url}/docs\n\nTry, in another terminal:\n${lines.join("\n")}`,
    {
      event: "ready",
      url,
      docs: `${url}/docs`,
      data: layout.folder,
      try: tries.map(({ args }) => args),
    },
  );
}
