/** The package brings no types: as much of it as is used here. */
declare module "saxen" {
  export class Parser {
    on(event: "openTag", heard: (name: string, attributes: () => Readonly<Record<string, string>>) => void): this;
    on(event: "closeTag", heard: (name: string) => void): this;
    on(event: "error", heard: (error: Error) => void): this;
    parse(xml: string): Error | undefined;
    stop(): void;
  }
}
