import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { extensionOf, originalFileName, safeFileName, withExtension } from "./file-name.ts";

describe("file names", () => {
  const table: readonly [sent: string, safe: string][] = [
    ["report.pdf", "report.pdf"],
    ["../../etc/passwd.txt", "passwd.txt"],
    ["/absolute/path/a.csv", "a.csv"],
    ["C:\\Users\\me\\b.docx", "b.docx"],
    ["..\\..\\c.png", "c.png"],
    ["  .hidden.txt ", "hidden.txt"],
    ["nul\u0000l.txt", "null.txt"],
    ["line\r\nbreak.txt", "linebreak.txt"],
    ["invoice\u202efdp.txt", "invoicefdp.txt"],
    ['a"b<c>:d|e?f*.txt', "a_b_c__d_e_f_.txt"],
    ["Rechnung März 2025.pdf", "Rechnung März 2025.pdf"],
    ["報告書.docx", "報告書.docx"],
  ];
  for (const [sent, safe] of table) {
    it(`makes ${JSON.stringify(sent)} into ${JSON.stringify(safe)}`, () => assert.equal(safeFileName(sent), safe));
  }

  it("refuses names of which nothing is left", () => {
    for (const sent of ["", "..", "../", "/", "\u0000", " . "]) {
      assert.throws(() => safeFileName(sent), { code: "VALIDATION_FAILED" });
    }
  });

  it("keeps the extension of a name that is too long", () => {
    const name = safeFileName(`${"ä".repeat(400)}.pdf`);
    assert.ok(Buffer.byteLength(name) <= 255);
    assert.equal(extensionOf(name), "pdf");
  });

  it("takes no time over a name of a megabyte", { timeout: 2000 }, () => {
    assert.equal(extensionOf(safeFileName(`a${" ".repeat(1_000_000)}b.txt`)), "txt");
  });

  it("makes any name harmless, or refuses it", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 400 }), (sent) => {
        let name: string;
        try {
          name = safeFileName(sent);
        } catch {
          return;
        }
        assert.doesNotMatch(name, /[/\\]|\p{Cc}/u);
        assert.ok(name.length > 0 && Buffer.byteLength(name) <= 255);
        assert.notEqual(name, "..");
        assert.equal(safeFileName(name), name);
        assert.equal(originalFileName(sent).includes("\u0000"), false);
      }),
    );
  });

  it("swaps the last extension only", () => assert.equal(withExtension("a.b.docx", "md"), "a.b.md"));
});
