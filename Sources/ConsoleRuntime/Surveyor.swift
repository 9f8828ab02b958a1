import DiskQueue
import Dispatch
import QueueConsole
import SystemPackage

/// Looks at the directory on a thread of its own, so that nothing but a disk that hangs can hold a
/// look up.
final class Surveyor: Sendable {
  private let thread = DispatchQueue(label: "diskq.survey")
  private let survey: Guarded<Survey>
  /// Whether a look waits for its turn: another one would tell nothing more.
  private let isWaiting = Guarded(false)

  init(_ directory: FilePath) { survey = Guarded(Survey(watching: directory)) }

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
    survey.withLock { survey in
      do throws(DiskQueueError) {
        let look = try survey.look()
        return .surveyed(look.report, changed: look.changed)
      } catch { return .surveyFailed(error) }
    }
  }
}
