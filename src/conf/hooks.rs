//! What interceptors and plugins leave in a configuration object: functions as addresses, with what belongs to them. Plain
//! data; `capi` calls the functions. Owned by the application thread that fills the object.

use std::any::Any;
use std::ffi::CString;
use std::sync::Arc;

/// A function of an interceptor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Method {
    /// The interceptor's name.
    pub name: CString,
    /// The function's address.
    pub function: usize,
    /// The function's last argument.
    pub opaque: usize,
}

/// Functions of one kind, in the order in which they are called.
#[derive(Clone, Debug, Default)]
pub struct Chain(Vec<Method>);

impl Chain {
    /// Adds a function at the end. False: the same interceptor has added it before.
    pub fn add(&mut self, method: Method) -> bool {
        let same = |old: &Method| old.function == method.function && old.name == method.name;
        if self.0.iter().any(same) {
            return false;
        }
        self.add_again(method);
        true
    }

    /// Adds a function at the end, however often it is there.
    pub fn add_again(&mut self, method: Method) {
        self.0.push(method);
    }

    /// The functions.
    pub fn methods(&self) -> &[Method] {
        &self.0
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Keeps a plugin's library loaded.
pub type Library = Arc<dyn Any + Send + Sync>;

/// See the module.
#[derive(Clone, Debug, Default)]
pub struct Hooks {
    /// See what is set, and may take it.
    pub on_conf_set: Chain,
    /// Set up a copy.
    pub on_conf_dup: Chain,
    /// Told of the object's end; several times the same is allowed.
    pub on_conf_destroy: Chain,
    /// Told of a handle that is made with it.
    pub on_new: Chain,
    /// What interceptors took, in order: set again on a copy.
    pub taken: Vec<(CString, Option<CString>)>,
    /// What `plugin.library.paths` names now.
    pub plugins: Vec<CString>,
    /// All that were loaded: their functions may be among the above.
    pub libraries: Vec<Library>,
}

impl Hooks {
    /// Whether a copy takes more than copying values.
    pub fn concern_copies(&self) -> bool {
        !self.on_conf_dup.is_empty() || !self.taken.is_empty() || !self.plugins.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_is_added_once_for_each_name() {
        let method = |name: &str, function| Method {
            name: CString::new(name).unwrap(),
            function,
            opaque: 0,
        };
        let mut chain = Chain::default();
        assert!(chain.is_empty());
        assert!(
            chain.add(method("a", 1)) && chain.add(method("a", 2)) && chain.add(method("b", 1))
        );
        assert!(!chain.add(Method { opaque: 7, ..method("a", 1) }));
        chain.add_again(method("a", 1));
        let order: Vec<usize> = chain.methods().iter().map(|method| method.function).collect();
        assert_eq!(order, [1, 2, 1, 1]);
    }
}
