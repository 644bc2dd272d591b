// Every lookup by name.
import type { Lookups } from '../plugin.ts';
export const CORE_LOOKUPS: Lookups = {};
export const COLLECTION_LOOKUPS: Lookups = {};
