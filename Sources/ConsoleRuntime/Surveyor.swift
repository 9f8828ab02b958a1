import DiskQueue
import Dispatch
import QueueConsole
import QueueInspection
import SystemPackage

/// Looks at the directory on a thread of its own, so that nothing but a disk that hangs can hold a
/// look up.
final class Surveyor: Sendable {
  private let thread = DispatchQueue(label: "diskq.survey")
  private let directory: FilePath
  private let survey: Guarded<Looking>
  /// Whether a look waits for its turn: another one would tell nothing more.
  private let isWaiting = Guarded(false)

  /// A survey, and the directory it was begun in: another one may come under its name.
  private struct Looking {
    var survey: Survey
    var inode: UInt64?
  }

  init(_ directory: FilePath) {
    self.directory = directory
    survey = Guarded(Looking(survey: Survey(watching: directory)))
  }

  /// Has the directory looked at, once the look before is done, and tells what was seen.
  func look(_ tell: @escaping @Sendable (Event) -> Void) {
    let waits = isWaiting.withLock { waits in
      defer { waits = true }
      return waits
    }
    if waits { return }
    thread.async { [self] in
      isWaiting.withLock { $0 = false }
      tell(look())
    }
  }

  private func look() -> Event {
    survey.withLock { looking in
      do throws(DiskQueueError) {
        let inode = try RealDisk().status(at: directory).inode
        if let before = looking.inode, before != inode {
          looking.survey = Survey(watching: directory)
        }
        looking.inode = inode
        let look = try looking.survey.look()
        return .surveyed(look.report, changed: look.changed)
      } catch { return .surveyFailed(error) }
    }
  }
}
