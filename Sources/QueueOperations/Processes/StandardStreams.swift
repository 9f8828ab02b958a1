import DiskQueue
import Glibc
import QueueInspection

/// The three descriptors that every program is said to start with.
package enum StandardStreams {
  /// Opens those that are closed, so that no file of a queue takes their number and is written to by
  /// mistake.
  ///
  /// Reading the first and writing the second then fail as they do on a closed descriptor; what is
  /// written to the third is gone. The first call of a program.
  package static func open() {
    for descriptor in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] as [Int32] {
      guard fcntl(descriptor, F_GETFD) < 0, errno == EBADF else { continue }
      let flags = descriptor == STDOUT_FILENO ? O_RDONLY : O_WRONLY
      var opened = unsafe Glibc.open("/dev/null", flags)
      // Where there is no such device: nothing can be written to a directory, or read from it.
      if opened < 0 { opened = unsafe Glibc.open("/", O_RDONLY) }
      // The lowest number that is free is the one that was looked at.
      if opened != descriptor { _exit(1) }
    }
  }
}
