export type Settings = Readonly<Record<string, string | number>>;

/**
 * Settings of the embedded Postgres, given on its command line at each start so that a new release's take effect on old
 * data. fsync, synchronous_commit, full_page_writes and the WAL settings keep their defaults: what is committed is durable.
 */
export function postgresSettings(port: number): Settings {
  return {
    listen_addresses: "127.0.0.1",
    port,
    unix_socket_directories: "",
    max_connections: 50,
    shared_buffers: "128MB",
    // Everything is short statements on one machine's disk: no compiled plans, no extra I/O processes.
    jit: "off",
    io_method: "sync",
    random_page_cost: 1.1,
    // One file for each weekday, overwritten a week later. Errors of statements are the service's to log; checkpoints
    // every few minutes are nobody's.
    logging_collector: "on",
    log_directory: "log",
    log_filename: "postgresql-%a.log",
    log_rotation_age: "1d",
    log_rotation_size: 0,
    log_truncate_on_rotation: "on",
    log_min_messages: "log",
    log_checkpoints: "off",
  };
}
