//! Files at commits. What stands in one never changes, so that a second look at the same commit
//! costs no call.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, PoisonError},
};

use crate::model::FileContent;

/// The memory that all files together may take, in bytes.
const MOST_BYTES: usize = 32 * 1024 * 1024;
/// What an entry takes besides its texts, roughly: also a file that is not there takes room.
const ENTRY_BYTES: usize = 256;

/// A file of a project at a commit.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(in crate::forge) struct Key {
    pub(in crate::forge) project: String,
    /// The commit's full id.
    pub(in crate::forge) commit: String,
    pub(in crate::forge) path: String,
}

/// The files that were read last; the oldest go first.
pub(in crate::forge) struct FileCache {
    most: usize,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    files: HashMap<Arc<Key>, FileContent>,
    /// Oldest first.
    order: VecDeque<Arc<Key>>,
    bytes: usize,
}

impl Default for FileCache {
    fn default() -> Self {
        Self { most: MOST_BYTES, state: Mutex::default() }
    }
}

impl FileCache {
    pub(in crate::forge) fn get(&self, key: &Key) -> Option<FileContent> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).files.get(key).cloned()
    }

    pub(in crate::forge) fn put(&self, key: Key, content: FileContent) {
        let bytes = size(&key, &content);
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if bytes > self.most || state.files.contains_key(&key) {
            return;
        }
        while state.bytes + bytes > self.most {
            let Some(oldest) = state.order.pop_front() else { break };
            if let Some(gone) = state.files.remove(&oldest) {
                state.bytes = state.bytes.saturating_sub(size(&oldest, &gone));
            }
        }
        let key = Arc::new(key);
        state.bytes += bytes;
        state.order.push_back(Arc::clone(&key));
        state.files.insert(key, content);
    }
}

fn size(key: &Key, content: &FileContent) -> usize {
    let text = match content {
        FileContent::Text(text) => text.len(),
        FileContent::Absent | FileContent::Unreadable(_) => 0,
    };
    ENTRY_BYTES + key.project.len() + key.commit.len() + key.path.len() + text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(path: &str) -> Key {
        Key { project: "p".into(), commit: "c".into(), path: path.into() }
    }

    fn cache(most: usize) -> FileCache {
        FileCache { most, ..FileCache::default() }
    }

    #[test]
    fn the_oldest_go_when_there_is_no_room() {
        let text = FileContent::text(&"x".repeat(ENTRY_BYTES + 3));
        let cache = cache(3 * size(&key("a"), &text));
        for path in ["a", "b", "c", "a", "d"] {
            cache.put(key(path), text.clone());
        }
        assert_eq!(cache.get(&key("a")), None);
        for path in ["b", "c", "d"] {
            assert_eq!(cache.get(&key(path)), Some(text.clone()), "{path}");
        }
        // Two that are not there take the room of one text.
        cache.put(key("e"), FileContent::Absent);
        cache.put(key("f"), FileContent::Absent);
        assert_eq!(cache.get(&key("b")), None);
        assert_eq!(cache.get(&key("c")), Some(text));
        assert_eq!(cache.get(&key("f")), Some(FileContent::Absent));
    }

    #[test]
    fn what_does_not_fit_drives_nothing_out() {
        let cache = cache(1000);
        cache.put(key("a"), FileContent::text("a"));
        cache.put(key("b"), FileContent::text(&"b".repeat(1000)));
        assert_eq!(cache.get(&key("b")), None);
        assert_eq!(cache.get(&key("a")), Some(FileContent::text("a")));
        let key = |project: &str, commit: &str| Key {
            project: project.into(),
            commit: commit.into(),
            path: "a".into(),
        };
        assert_eq!(cache.get(&key("q", "c")), None, "another project");
        assert_eq!(cache.get(&key("p", "d")), None, "another commit");
    }
}
