# frozen_string_literal: true

module Integrations
  module Base
    module Integration
      extend ActiveSupport::Concern

      UnknownName = Class.new(StandardError)

      # For projects, groups and the whole instance
      INTEGRATION_NAMES = %w[
        abacus bellows
        zither
      ].freeze

      # Can only be enabled for the whole instance
      INSTANCE_LEVEL_ONLY_INTEGRATION_NAMES = %w[
        turnstile
      ].freeze

      # Can only be enabled for a project
      PROJECT_LEVEL_ONLY_INTEGRATION_NAMES = %w[
        workbench
      ].freeze

      # Cannot be enabled for the whole instance
      PROJECT_AND_GROUP_LEVEL_ONLY_INTEGRATION_NAMES = %w[
        signpost
      ].freeze

      DEV_INTEGRATION_NAMES = %w[
        mock_ci
      ].freeze

      BASE_CLASSES = %w[].freeze

      SECTION_TYPE_CONFIGURATION = 'configuration'
      SECTION_TYPE_CONNECTION = 'connection'
      SECTION_TYPE_TRIGGER = 'trigger'

      class_methods do
        def supported_events
          %w[commit push tag_push issue confidential_issue merge_request wiki_page]
        end

        def available_integration_names(include_project_specific: true)
          names = INTEGRATION_NAMES.dup
          names.concat(PROJECT_LEVEL_ONLY_INTEGRATION_NAMES) if include_project_specific
          names.sort
        end
      end
    end
  end
end
