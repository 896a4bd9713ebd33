import { EXIT } from "../exit-codes.ts";
import { Failure, Refused } from "../failure.ts";
import { postBytes } from "../service/signed-post.ts";

/** What a device says to its manufacturer's service, carried there; gives the answer, or ends the command with what was refused. */
export async function carryToMaker(
  url: string,
  path: string,
  media: string,
  body: Uint8Array,
): Promise<Uint8Array> {
  try {
    const answer = await postBytes({ url, fetch }, path, media, body);
    return new Uint8Array(await answer.arrayBuffer());
  } catch (error) {
    if (error instanceof Refused) throw error;
    throw new Failure(`no manufacturer answers at ${url}; run the command again`, EXIT.refused);
  }
}
