# bridge-setup as a container (docs/docker-pipework.md, "As a container"):
#   docker build -t bridge-setup .
FROM node:22-bookworm-slim AS build
WORKDIR /build
COPY . .
RUN npm ci && npm prune --omit=dev --ignore-scripts && rm -rf src tsconfig*.json

# It acts on the host, with the host's own programs. Of the image it needs node, nsenter (util-linux), and for a host
# without udhcpc a busybox that needs no libraries.
FROM node:22-bookworm-slim
RUN apt-get update \
  && apt-get install -y --no-install-recommends busybox-static \
  && rm -rf /var/lib/apt/lists/*
RUN mkdir -p /usr/local/libexec/bridge-setup \
  && cp /bin/busybox /usr/local/libexec/bridge-setup/ \
  && ln -s busybox /usr/local/libexec/bridge-setup/udhcpc
COPY --from=build /build /usr/local/lib/bridge-setup
RUN ln -s ../lib/bridge-setup/bin/bridge-setup.js /usr/local/bin/bridge-setup \
  && ln -s ../lib/bridge-setup/bin/pipework.js /usr/local/bin/pipework
ENV BRIDGE_SETUP_IN_CONTAINER=1
ENTRYPOINT ["/usr/local/bin/bridge-setup"]
CMD ["daemon"]
