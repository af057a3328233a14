import { type Entry, open, type ZipFile } from "yauzl";
import { MAX_ARCHIVE_ENTRIES, MAX_UNCOMPRESSED_BYTES } from "./limits.ts";
import { ProcessingProblem } from "./problem.ts";

/**
 * Refuses a zip bomb before a library unpacks it whole: first by the sizes that the archive declares, then by unpacking
 * each entry and counting, as declared sizes may lie. `inspect` is shown each part of XML, one at a time.
 */
export async function checkArchive(path: string, inspect?: (xml: string) => void): Promise<void> {
  const zip = await openArchive(path);
  try {
    if (zip.entryCount > MAX_ARCHIVE_ENTRIES) {
      throw new ProcessingProblem("unreadable", `the archive has more than ${MAX_ARCHIVE_ENTRIES} entries`);
    }
    const entries: Entry[] = [];
    let declaredBytes = 0;
    for await (const entry of zip.eachEntry()) {
      entries.push(entry);
      if (entry.isEncrypted()) throw new ProcessingProblem("unreadable", "the archive is encrypted");
      declaredBytes += entry.uncompressedSize;
    }
    if (declaredBytes > MAX_UNCOMPRESSED_BYTES) throw tooLarge();

    let actualBytes = 0;
    for (const entry of entries) {
      const isInspected = inspect !== undefined && entry.fileName.endsWith(".xml");
      const parts: Buffer[] = [];
      for await (const chunk of unpacked(zip, entry)) {
        actualBytes += chunk.length;
        if (actualBytes > MAX_UNCOMPRESSED_BYTES) throw tooLarge();
        if (isInspected) parts.push(chunk);
      }
      if (isInspected) inspect(Buffer.concat(parts).toString());
    }
  } finally {
    zip.close();
  }
}

/** Ends at an entry that yields more than it declared. */
async function* unpacked(zip: ZipFile, entry: Entry): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of await zip.openReadStreamPromise(entry)) yield chunk as Buffer;
  } catch (error) {
    throw new ProcessingProblem("unreadable", "the archive is damaged, or unpacks to more than it declares", error);
  }
}

export async function isArchive(path: string): Promise<boolean> {
  const zip = await openArchive(path).catch(() => undefined);
  zip?.close();
  return zip !== undefined && zip.entryCount > 0;
}

function openArchive(path: string): Promise<ZipFile> {
  return new Promise((resolve, reject) => {
    open(path, { lazyEntries: true, autoClose: false }, (error, zip) => (error ? reject(error) : resolve(zip)));
  });
}

function tooLarge(): ProcessingProblem {
  return new ProcessingProblem("unreadable", `the archive unpacks to more than ${MAX_UNCOMPRESSED_BYTES} bytes`);
}
