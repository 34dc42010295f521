//! InitProducerId: ids for idempotent producers, and the next epoch of one (KIP-98, KIP-360).

use super::{Request, Result};
use crate::mock::cluster::Cluster;
use crate::protocol::ErrorCode;
use crate::protocol::init_producer_id::{InitProducerIdRequest, InitProducerIdResponse};

pub(super) fn handle(cluster: &mut Cluster, request: &Request<'_>, out: &mut Vec<u8>) -> Result {
    let wanted: InitProducerIdRequest<'_> = request.decode()?;
    let result = if request.injected.is_error() {
        Err(request.injected)
    } else if wanted.transactional_id.is_some() {
        Err(ErrorCode::TRANSACTIONAL_ID_AUTHORIZATION_FAILED)
    } else if wanted.producer_id >= 0 && cluster.options.bumps_producer_epoch {
        next_epoch(cluster, wanted.producer_id, wanted.producer_epoch)
    } else {
        Ok(cluster.new_producer_id())
    };
    let response = match result {
        Ok((producer_id, producer_epoch)) => {
            InitProducerIdResponse { producer_id, producer_epoch, ..Default::default() }
        }
        Err(error_code) => {
            InitProducerIdResponse { error_code, producer_epoch: -1, ..Default::default() }
        }
    };
    request.reply(&response, out)
}

fn next_epoch(
    cluster: &mut Cluster,
    producer_id: i64,
    epoch: i16,
) -> std::result::Result<(i64, i16), ErrorCode> {
    match cluster.producer_epoch(producer_id) {
        None => Err(ErrorCode::INVALID_PRODUCER_ID_MAPPING),
        Some(current) if current != epoch => Err(ErrorCode::INVALID_PRODUCER_EPOCH),
        // The last epoch cannot be raised: the producer goes on under a new id.
        Some(current) if current >= i16::MAX - 1 => Ok(cluster.new_producer_id()),
        Some(current) => {
            cluster.set_producer_epoch(producer_id, current + 1);
            Ok((producer_id, current + 1))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mock::options::ClusterOptions;
    use crate::mock::test_support::Client;

    fn init(client: &mut Client, producer_id: i64, producer_epoch: i16) -> InitProducerIdResponse {
        let request = InitProducerIdRequest { producer_id, producer_epoch, ..Default::default() };
        Client::decode(&client.call(&request, 4), 4)
    }

    #[test]
    fn every_producer_gets_its_own_id_and_epoch_zero() {
        let mut client = Client::new();
        let (one, two) = (init(&mut client, -1, -1), init(&mut client, -1, -1));
        assert_ne!(one.producer_id, two.producer_id);
        assert!(one.producer_id >= 0 && one.producer_epoch == 0 && one.error_code.is_none());
    }

    #[test]
    fn a_producer_that_shows_its_id_gets_the_next_epoch() {
        let mut client = Client::new();
        let id = init(&mut client, -1, -1).producer_id;
        let bumped = init(&mut client, id, 0);
        assert_eq!((bumped.producer_id, bumped.producer_epoch), (id, 1));
        assert_eq!(init(&mut client, id, 0).error_code, ErrorCode::INVALID_PRODUCER_EPOCH);
        client.cluster().set_producer_epoch(id, i16::MAX - 1);
        let fresh = init(&mut client, id, i16::MAX - 1);
        assert!(fresh.producer_id != id && fresh.producer_epoch == 0);
    }

    #[test]
    fn a_cluster_set_like_apache_kafka_gives_a_new_id_instead() {
        let options = ClusterOptions { bumps_producer_epoch: false, ..Default::default() };
        let mut client = Client::with(options);
        let id = init(&mut client, -1, -1).producer_id;
        let fresh = init(&mut client, id, 0);
        assert!(fresh.producer_id != id && fresh.producer_epoch == 0);
    }

    #[test]
    fn transactions_are_refused() {
        let mut client = Client::new();
        let request = InitProducerIdRequest { transactional_id: Some("t"), ..Default::default() };
        let response: InitProducerIdResponse = Client::decode(&client.call(&request, 1), 1);
        assert_eq!(response.error_code, ErrorCode::TRANSACTIONAL_ID_AUTHORIZATION_FAILED);
    }
}
