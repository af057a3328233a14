import { randomBytes } from "node:crypto";
import type pg from "pg";

/** A value of a statement, in the binary format, that goes over the wire piece by piece. */
export class Pieces {
  constructor(readonly parts: readonly Buffer[]) {}

  get length(): number {
    return this.parts.reduce((sum, { length }) => sum + length, 0);
  }
}

/** What of `pg` lies beneath a client. */
interface Wire {
  readonly stream: { readonly writable: boolean; write(bytes: Buffer): boolean };
  bind(config: { readonly values?: readonly unknown[] }): void;
  _send(message: Buffer): boolean;
}

/** Of a Bind message: after its one letter. */
const LENGTH_AT = 1;
const INT_BYTES = 4;

/**
 * Teaches a client of `pg` to send `Pieces`. By itself it copies each value three times into a message that grows by copying:
 * 40 MB of JSON held the event loop for 100 ms. It makes the message with a mark in the place of each value; the marks are
 * then replaced, and the two lengths that speak of them.
 */
export function sendsPieces<C extends pg.Client>(client: C): C {
  const { connection } = client as unknown as { readonly connection: Wire };
  const bind = connection.bind.bind(connection);
  connection.bind = (config) => {
    const { values = [] } = config;
    const marks = new Map<Buffer, Pieces>();
    const marked = values.map((value) => {
      if (!(value instanceof Pieces)) return value;
      const mark = randomBytes(16);
      marks.set(mark, value);
      return mark;
    });
    if (marks.size === 0) return bind(config);
    const message = messageOf(connection, () => bind({ ...config, values: marked }));
    // As the driver does it: that the connection is gone is told otherwise.
    if (!connection.stream.writable) return;
    for (const part of withPieces(message, marks)) connection.stream.write(part);
  };
  return client;
}

/** What would have been sent. */
function messageOf(connection: Wire, make: () => void): Buffer {
  const send = connection._send;
  let made: Buffer | null = null;
  connection._send = (message) => {
    made = message;
    return true;
  };
  try {
    make();
  } finally {
    connection._send = send;
  }
  if (made === null) throw new Error("The driver has sent its Bind message some other way");
  return made;
}

function withPieces(message: Buffer, marks: ReadonlyMap<Buffer, Pieces>): Buffer[] {
  const parts: Buffer[] = [];
  let total = message.readInt32BE(LENGTH_AT);
  let from = 0;
  for (const [mark, pieces] of marks) {
    const at = message.indexOf(mark, from);
    const { length } = pieces;
    message.writeInt32BE(length, at - INT_BYTES);
    total += length - mark.length;
    parts.push(message.subarray(from, at), ...pieces.parts);
    from = at + mark.length;
  }
  message.writeInt32BE(total, LENGTH_AT);
  parts.push(message.subarray(from));
  return parts;
}
