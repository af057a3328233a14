/** Bounds of what one job may read, make or take. What exceeds one is refused, never cut, unless it says so. */

/** Of JavaScript heap per worker thread. A text-heavy PDF of 2,000 pages needs about 150. */
export const MAX_HEAP_MIB = 512;
/** Of buffers per worker thread: an archive at its bound, unpacked and copied once or twice, fits. */
export const MAX_BUFFERS_MIB = 512;
export const MEMORY_CHECK_MS = 100;

export const DETECT_TIME_LIMIT_MS = 15_000;
export const EXTRACT_TIME_LIMIT_MS = 60_000;
export const CONVERT_TIME_LIMIT_MS = 60_000;
/** Under the 300 s that a workflow has by default. A page takes 1 to 4 s. */
export const OCR_TIME_LIMIT_MS = 240_000;

/** Threads for everything but OCR. */
export const PROCESSING_THREADS = 2;
/** OCR keeps a core busy for seconds and holds some 150 MB: one at a time, the others wait. */
export const OCR_THREADS = 1;
/** An idle thread is ended after this, and its memory with it (for OCR: the loaded language model). */
export const IDLE_THREAD_MS = 30_000;

/** UTF-8 bytes of extracted text. More is cut, and marked `truncated`. */
export const MAX_CONTENT_BYTES = 5 * 1024 * 1024;
/** Rows of a table that a step's output lists as objects. More are cut, and marked `truncated`. */
export const MAX_LISTED_ROWS = 1000;
/** The listed rows as JSON, in characters: a short file with long column names would swell otherwise. */
export const MAX_LISTED_ROWS_CHARACTERS = 1024 * 1024;

export const MAX_TABLE_ROWS = 1_000_000;
/** One record of a CSV, in characters: an unclosed quote would swallow the file otherwise. */
export const MAX_CSV_RECORD_CHARACTERS = 1024 * 1024;
export const MAX_PDF_PAGES = 2000;
export const MAX_OCR_PAGES = 50;
/** Width times height of an image: A3 at 400 dpi has 31 million. */
export const MAX_IMAGE_PIXELS = 50_000_000;
/** Longer sides are scaled down before OCR: A4 at 300 dpi is 3,508 high, and more only costs time. */
export const MAX_OCR_SIDE_PIXELS = 4000;
export const PDF_RENDER_DPI = 200;

/** Of an archive (docx, xlsx), declared and actual. */
export const MAX_UNCOMPRESSED_BYTES = 100 * 1024 * 1024;
export const MAX_ARCHIVE_ENTRIES = 10_000;
/** Of a converted file. */
export const MAX_CONVERTED_BYTES = 100 * 1024 * 1024;
