// Part of every test file: a process runs several, one after the other, and none leaves its folders to the next.
import { afterAll } from "vitest";
import { removeFolders } from "./folder.ts";

afterAll(removeFolders);
