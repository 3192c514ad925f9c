# frozen_string_literal: true

module API
  module Helpers
    module IntegrationsHelpers
      def self.chat_notification_flags
        [
          { required: false, name: :notify_only_broken_pipelines, type: ::Grape::API::Boolean }
        ].freeze
      end

      def self.integrations
        {
          'abacus' => ::Integrations::Abacus.api_arguments,
          'bellows' => [
            ::Integrations::Bellows.api_arguments,
            chat_notification_flags
          ].flatten,
          'zither' => ::Integrations::Zither.api_arguments
        }
      end

      def self.integration_classes
        [
          ::Integrations::Abacus,
          ::Integrations::Bellows,
          ::Integrations::Zither
        ]
      end

      def self.development_integration_classes
        [::Integrations::MockCi]
      end
    end
  end
end
