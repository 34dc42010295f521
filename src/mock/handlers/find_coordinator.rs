//! FindCoordinator: each key is given one of the brokers that are up.

use super::{Request, Result};
use crate::mock::cluster::Cluster;
use crate::mock::controls::CoordinatorKind;
use crate::protocol::ErrorCode;
use crate::protocol::find_coordinator::{
    Coordinator, FindCoordinatorRequest, FindCoordinatorResponse,
};

pub(super) fn handle(cluster: &mut Cluster, request: &Request<'_>, out: &mut Vec<u8>) -> Result {
    let wanted: FindCoordinatorRequest<'_> = request.decode()?;
    let find = |key: &str| {
        if request.injected.is_error() {
            return Err(request.injected);
        }
        let kind = CoordinatorKind::from_key_type(wanted.key_type);
        let kind = kind.ok_or(ErrorCode::INVALID_REQUEST)?;
        cluster.coordinator(kind, key).ok_or(ErrorCode::COORDINATOR_NOT_AVAILABLE)
    };
    let mut response = FindCoordinatorResponse { node_id: -1, port: -1, ..Default::default() };
    match find(wanted.key) {
        Ok(broker) => {
            response.node_id = broker.id;
            response.host = &broker.host;
            response.port = i32::from(broker.port);
        }
        Err(error) => response.error_code = error,
    }
    let coordinators = wanted.coordinator_keys.iter().map(|&key| match find(key) {
        Ok(broker) => Coordinator {
            key,
            node_id: broker.id,
            host: &broker.host,
            port: i32::from(broker.port),
            ..Default::default()
        },
        Err(error_code) => {
            Coordinator { key, node_id: -1, port: -1, error_code, ..Default::default() }
        }
    });
    response.coordinators = coordinators.collect();
    request.reply(&response, out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mock::options::ClusterOptions;
    use crate::mock::test_support::Client;

    #[test]
    fn a_key_has_the_same_coordinator_in_every_version() {
        let mut client = Client::with(ClusterOptions { brokers: 3, ..Default::default() });
        let mut nodes = Vec::new();
        for version in 0..=6 {
            let request = FindCoordinatorRequest {
                key: "group",
                coordinator_keys: vec!["group"],
                ..Default::default()
            };
            let bytes = client.call(&request, version);
            let response: FindCoordinatorResponse<'_> = Client::decode(&bytes, version);
            nodes.push(response.coordinators.first().map_or(response.node_id, |c| c.node_id));
        }
        assert!(nodes[0] >= 1 && nodes.iter().all(|node| *node == nodes[0]), "{nodes:?}");
    }
}
