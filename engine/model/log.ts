export type EngineLogger = (
  level: "debug" | "info" | "warning" | "error",
  message: string,
  fields: Readonly<Record<string, string | number | null>>,
) => void;
