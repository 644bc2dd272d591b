// docker_network_info: what Docker says of a network.
import { infoModule } from './docker/info-module.ts';

export const docker_network_info = infoModule('network', '/networks/', '', {
  task: `
- community.docker.docker_network_info:
    name: bridge
`,
});
