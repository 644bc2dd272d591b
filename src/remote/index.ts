// The transport: makes machines out of connection settings. Machines with equal keys are one, whatever the inventory calls them.
import type { Connector } from '../core/connection.ts';
import { type ConnectorOptions, RemoteConnector } from './connector.ts';

export type { ConnectorOptions, ConnectionStateEvent, Prompt } from './connector.ts';
export type { HostKeyRow } from './host-keys.ts';
export { lockSnippets, type LockInfo, type LockOwner, type LockState } from './lock.ts';

/** A connector for one run. */
export function createConnector(options: ConnectorOptions = {}): Connector {
  return new RemoteConnector(options);
}
