import { z } from "zod";

const MAX_LENGTH = 255;
/**
 * Characters that nobody sees, or that turn the others round: two names that look alike would be two. A joiner within an
 * emoji is seen.
 */
const UNSEEN =
  /(?!(?<=\p{Extended_Pictographic}|\p{Emoji_Modifier}|\uFE0F)\u200D)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\u115F\u1160\u3164\uFFA0]/u;

/** What people call a thing, as it is stored and looked for: composed (NFC), without blanks around it. 1 to 255 characters. */
export const nameText = z
  .string()
  .normalize("NFC")
  .trim()
  .min(1)
  .max(MAX_LENGTH)
  .refine((name) => !UNSEEN.test(name), "must not hold control, invisible or bidirectional characters")
  .refine((name) => name.isWellFormed(), "must not hold a lone surrogate");

/** A name that is looked for, as it would be stored. */
export function asStored(name: string): string {
  return name.normalize("NFC").trim();
}

export function holdsUnseen(name: string): boolean {
  return UNSEEN.test(name);
}
