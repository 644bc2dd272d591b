// docker_container_info: what Docker says of a container.
import { infoModule } from './docker/info-module.ts';

export const docker_container_info = infoModule('container', '/containers/', '/json', {
  task: `
- community.docker.docker_container_info:
    name: vbx-example
`,
});
