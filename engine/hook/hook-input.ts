import { z } from "zod";
import { nameText } from "../model/index.ts";

const DEFAULT_REPLAY_WINDOW_SECONDS = 300;
const MAX_REPLAY_WINDOW_SECONDS = 86_400;
const DEFAULT_GRACE_SECONDS = 86_400;
const MAX_GRACE_SECONDS = 604_800;

const name = nameText.describe("What it is for.");
const replayWindow = z
  .int()
  .min(1)
  .max(MAX_REPLAY_WINDOW_SECONDS)
  .describe("How far a signed timestamp may be from now, in seconds.");
const isEnabled = z.boolean().describe("A disabled hook answers as if it did not exist.");

export const hookInput = z.strictObject({
  workflow_id: z.int().min(1).describe("The workflow that each call starts."),
  name,
  is_unsigned: z
    .boolean()
    .default(false)
    .describe("Whether calls need no signature: whoever knows the address may call it, and there is no secret."),
  replay_window_seconds: replayWindow.default(DEFAULT_REPLAY_WINDOW_SECONDS),
  is_enabled: isEnabled.default(true),
});

/** What is left out stays as it is. */
export const hookPatch = z.strictObject({
  name: name.optional(),
  replay_window_seconds: replayWindow.optional(),
  is_enabled: isEnabled.optional(),
});

export const hookRotation = z.strictObject({
  grace_seconds: z
    .int()
    .min(0)
    .max(MAX_GRACE_SECONDS)
    .default(DEFAULT_GRACE_SECONDS)
    .describe("For how long the old token and secret are good, too, in seconds."),
});
