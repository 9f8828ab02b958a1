import DiskQueue
import QueueInspection

/// What all pages of one queue have in common.
enum QueuePage {
  static func draw(_ model: Model, in frame: inout Frame) {
    guard let queue = model.target, let tab = model.tab else { return }
    StatusBar.header(model, place: Array("> ".utf8) + queue.name.bytes, in: &frame)
    TabBar.draw(model, in: &frame)
    switch tab {
    case .summary: SummaryView.draw(queue, model, in: &frame)
    case .segments: SegmentsView.draw(queue, model, in: &frame)
    case .messages: MessagesView.draw(queue, model, in: &frame)
    case .bad: BadFilesView.draw(queue, model, in: &frame)
    case .events: EventsView.draw(model, isTab: true, in: &frame)
    }
  }

  static func pad(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }

  static func left(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.count)) + text
  }
}
