/** The package's types are where nobody looks for them: as much of it as is used here. */
declare module "tesseract-wasm" {
  export interface OCREngine {
    loadModel(model: Uint8Array): void;
    /** Four bytes a pixel. */
    loadImage(image: { data: Uint8ClampedArray; width: number; height: number }): void;
    /** After the image: each takes the default again. */
    setVariable(name: string, value: string): void;
    getText(): string;
    getTextBoxes(unit: "word"): readonly { readonly confidence: number }[];
  }
  export function createOCREngine(options: { wasmBinary: Uint8Array }): Promise<OCREngine>;
}

declare module "tesseract-wasm/node" {
  export function loadWasmBinary(): Promise<Uint8Array>;
}
