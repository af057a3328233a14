/** Random keys of 24 hexadecimal digits come to 60 to 80 by this count, and to 96 in truth; digits alone to 50. */
const MIN_BITS = 40;
const MIN_CHARACTERS = 24;
/** What people and examples write where a secret belongs. */
const words =
  /password|passwort|secret|change-?me|replace-?me|your|stepwire|workflow|bootstrap|operator|admin|default|example|testing|test|demo|local|letmein|welcome|qwertz?uiop|asdfghjkl|y?xcvbnm|zxcvbnm|api|key|token/g;

export const keyStrengthRule = `must have ${MIN_CHARACTERS} random characters or more, no spaces, and no words and repeats (openssl rand -hex 24 makes one)`;

export function isStrongKey(secret: string): boolean {
  return secret.length >= MIN_CHARACTERS && !/\s/.test(secret) && unforeseenBits(secret) >= MIN_BITS;
}

/**
 * A guess at what a guesser must guess: characters that cannot be foretold, times what each may be judging by how many
 * different ones there are. Foretold is what obvious words have, what repeats or goes on (`aaaa`, `4567`), and any three
 * characters that came before. Linear but for the last; a key is short.
 */
function unforeseenBits(secret: string): number {
  const text = secret.slice(0, 512).toLowerCase().replaceAll(words, "");
  const unforeseen: string[] = [];
  for (let i = 0; i < text.length; i++) {
    const isStep = i > 0 && Math.abs(text.charCodeAt(i) - text.charCodeAt(i - 1)) <= 1;
    const isSeen = i >= 2 && text.lastIndexOf(text.slice(i - 2, i + 1), i - 3) !== -1;
    if (!isStep && !(isSeen && i >= 3)) unforeseen.push(text[i]!);
  }
  return unforeseen.length * Math.log2(Math.max(1, new Set(unforeseen).size));
}
