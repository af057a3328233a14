export type { OutputSource } from "./mocked-work.ts";
export { type SimulatedLog, type SimulatedStep, type Simulation, simulationLimits } from "./simulate.ts";
export type { SimulationRequest } from "./simulation-input.ts";
export { SimulationService } from "./simulation-service.ts";
