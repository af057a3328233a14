/** On every answer, unless a route knows better: nobody guesses at its type, and nobody keeps it. */
export const plainHeaders = { "x-content-type-options": "nosniff", "cache-control": "no-store" } as const;
